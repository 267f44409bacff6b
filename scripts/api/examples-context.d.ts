// The names that the examples of the documentation use without a declaration.

declare const facenet: import('facenet-web').FaceNet;
declare const gallery: import('facenet-web/gallery').Gallery;
declare const library: import('facenet-web/library').Library;

declare const photo: Blob;
declare const photoA: Blob;
declare const photoB: Blob;
declare const photoC: Blob;
declare const file: File;
declare const video: HTMLVideoElement;

declare const face: import('facenet-web').EmbeddedFace;
declare const probe: import('facenet-web').EmbeddedFace;
declare const faces: import('facenet-web').EmbeddedFace[];
declare const newFaces: import('facenet-web').EmbeddedFace[];
declare const crop: ImageData;
declare const storedFloat32Array: Float32Array;

declare const person: import('facenet-web/gallery').Person;
declare const other: import('facenet-web/gallery').Person;
declare const ada: string;
declare const passphrase: string;

declare const controller: AbortController;
declare const signal: AbortSignal;
declare const bar: HTMLProgressElement;
declare const hint: HTMLElement;
declare const texts: Record<string, string>;
declare function draw(box: import('facenet-web').Box, text: string): void;
declare function tell(text: string): void;

declare const url: string;
declare function signedUrl(path: string): Promise<string>;
declare const QdrantClient: typeof import('@qdrant/js-client-rest').QdrantClient;

declare function show(...figures: unknown[]): void;

/** Compared faces and pairs of an evaluation. */
declare const compared: import('facenet-web/evaluation').ComparedFaces;
declare const pairs: import('facenet-web/evaluation').FoldedPair[];

/** TensorFlow.js, a network to train and its training data. */
declare const tf: import('facenet-web/training').TensorFlowCore;
declare const network: import('facenet-web/training').TrainableNetwork;
declare const pictures: import('@tensorflow/tfjs-core').Tensor4D;
declare const labels: string[];
declare function load(places: readonly number[]): Promise<import('@tensorflow/tfjs-core').Tensor4D>;
/** The embeddings of a mini-batch, and the person of each. */
declare const embeddings: Float32Array[];
declare const people: string[];
