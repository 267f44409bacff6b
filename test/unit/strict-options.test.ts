import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { convertModel, convertMtcnn, convertOriginal } from '../../cli/convert/index.ts';
import { clusterFaces } from '../../lib/clustering/index.ts';
import { drawFaces, FaceOverlay, pictureMapping } from '../../lib/draw/index.ts';
import { identificationErrors, performanceReport, reportPage, trackingScore } from '../../lib/evaluation/index.ts';
import {
  ExactIndex,
  Gallery,
  identifyIn,
  operatingPoint,
  PgVectorIndex,
  QdrantIndex,
  QuantisedIndex,
} from '../../lib/gallery/index.ts';
import { decodeImage, FaceNet } from '../../lib/index.ts';
import { embedStoredCrop, Library } from '../../lib/library/index.ts';
import { challenge, Liveness } from '../../lib/liveness/index.ts';
import { useCamera, useFaceNet, usePhotoFaces, useVideoFaces } from '../../lib/react/index.ts';
import {
  buildNetwork,
  contrastiveLoss,
  Head,
  identityBatches,
  largeMarginCosineLoss,
  OfflineSelection,
  selectTriplets,
  startTensorFlow,
  trainHead,
  trainHogSvm,
  trainLinearSvm,
  trainNetwork,
  tripletLoss,
} from '../../lib/training/index.ts';
import { TrainableNetwork } from '../../lib/training/networks/trainable-network.ts';
import { rule, Synthetic } from '../support/synthetic.ts';

/** React without components: an effect runs at once, and the first state with an error is recorded. */
const react = vi.hoisted(() => ({ report: (_: unknown) => {} }));
vi.mock('react', () => ({
  useRef: (current: unknown) => ({ current }),
  useState: (state: unknown) => [state, ({ error }: { error: unknown }) => error && react.report(error)],
  useEffect: (effect: () => void) => effect(),
}));

/** Callables that take options of the platform, or of `Error`, which ignore unknown ones. */
const ofThePlatform = ['FaceNetError', 'FaceNetElement.addEventListener'];

/** The functions, methods and constructors of the reports in api/ with a parameter for options, as `Class.method`. */
function callablesWithOptions(): string[] {
  const folder = new URL('../../api/', import.meta.url);
  const blocks = readdirSync(folder).flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split(/^\/\/ @/m));
  const found = blocks.flatMap((block) => {
    // A report calls a destructured parameter "input".
    const takesOptions = (text: string) => /[(,] ?((options|query)\??|input\?): /.test(text);
    const [, name] = /^export (?:abstract )?class (\w+)/m.exec(block) ?? [];
    if (!name) return takesOptions(block) ? (/^export function (\w+)/m.exec(block)?.slice(1) ?? []) : [];
    const members = block.split(/\n {4}(?=[\w[])/).filter(takesOptions);
    const names = members.map((member) => /^(?:static )?(\w+)/.exec(member)?.[1]);
    return names.map((member) => (member === 'constructor' ? name : `${name}.${member}`));
  });
  return [...new Set(found)].filter((name) => !ofThePlatform.includes(name)).sort();
}

const anything = {} as never;
const none = [] as never;

const facts = {
  models: { embedder: rule.model },
  search: undefined,
  crop: { template: 'arcface', size: 112, zoom: 1 },
  ...{ dimension: rule.dimension, metric: rule.metric, calibration: rule.calibration },
};
const facenet = Reflect.construct(FaceNet, [{ pipeline: { facts } }]) as FaceNet;
const embedding = new Synthetic().person();
const face = { embedding, model: rule.model, box: { x: 0, y: 0, width: 9, height: 9 }, score: 1, roll: 0 };
const query = { query: async () => ({ rows: [] }), table: { table: 'a', dimension: 128, metric: 'cosine' } } as const;
const head = Reflect.construct(Head, [
  { base: rule.model, inputs: 1, outputs: 1, hidden: 0, numbers: Float32Array.of(1, 0), calibration: rule.calibration },
  'a'.repeat(64),
]) as Head;
const headed = head.on(facenet);
const network = new TrainableNetwork(anything, { name: 'a', input: [1, 1, 1] } as never, none, new Map(), Math.random);
const liveness = Reflect.construct(Liveness, [{}, {}, [], {}]) as Liveness;

let gallery: Gallery;
let library: Library;
/** The errors that a hook reports go to this function. */
const errorOf = (hook: () => unknown) =>
  new Promise((_, reject) => {
    react.report = reject;
    hook();
  });

/** Options that the called function does not have. Each test sets them. */
let unknown: never;

/** Calls of all these with {@link unknown} options. */
const calls: Record<string, () => unknown> = {
  ...callsOf('FaceNet', {
    load: () => FaceNet.load(unknown),
    align: () => facenet.align(anything, face, unknown),
    compare: () => facenet.compare(face, face, unknown),
    detect: () => facenet.detect(anything, unknown),
    embed: () => facenet.embed(anything, face, unknown),
    embedCrop: () => facenet.embedCrop(anything, unknown),
    landmarks: () => facenet.landmarks(anything, face, unknown),
    persist: () => facenet.persist(unknown),
    watch: () => facenet.watch(anything, unknown),
  }),
  ...callsOf('Gallery', {
    open: () => Gallery.open(unknown),
    changePassphrase: () => gallery.changePassphrase('a', 'b', unknown),
    crop: () => gallery.crop('a', unknown),
    damaged: () => gallery.damaged(unknown),
    discardDamaged: () => gallery.discardDamaged(unknown),
    enrol: () => gallery.enrol({ name: 'Ada' }, face, unknown),
    erase: () => gallery.erase(unknown),
    examples: () => gallery.examples(unknown),
    expire: () => gallery.expire(unknown),
    export: () => gallery.export(unknown),
    exportLog: () => gallery.exportLog(unknown),
    exportPerson: () => gallery.exportPerson('a', unknown),
    identify: () => gallery.identify(face, unknown),
    import: () => gallery.import(new Blob(), unknown),
    list: () => gallery.list(unknown),
    log: () => gallery.log(unknown),
    merge: () => gallery.merge('a', 'b', unknown),
    models: () => gallery.models(unknown),
    protect: () => gallery.protect('a', unknown),
    reembed: () => gallery.reembed(anything, unknown),
    reissue: () => gallery.reissue(new Uint8Array(32), unknown),
    rekey: () => gallery.rekey('a', unknown),
    remove: () => gallery.remove('a', 'b', unknown),
    rename: () => gallery.rename('a', 'b', unknown),
    retain: () => gallery.retain('a', unknown),
    unlock: () => gallery.unlock('a', unknown),
    verify: () => gallery.verify('a', face, unknown),
  }),
  ...callsOf('Library', {
    open: () => Library.open(unknown),
    add: () => library.add([], unknown),
    erase: () => Library.erase('a', unknown),
    export: () => library.export(unknown),
    import: () => library.import(new Blob(), unknown),
    remove: () => library.remove([], unknown),
    forget: () => library.forget([], unknown),
    outdatedPhotos: () => library.outdatedPhotos(unknown),
    resume: () => library.resume(unknown),
    update: () => library.update(unknown),
    regroup: () => library.regroup(unknown),
  }),
  ...callsOf('LibraryCorrections', { notSame: () => library.notSame(0, 1, unknown) }),
  ...callsOf('LibraryQueries', {
    files: () => library.files('failed', unknown),
    nextQuestion: () => library.nextQuestion(unknown),
    people: () => library.people(unknown),
    photos: () => library.photos(unknown),
    photosOf: () => library.photosOf(1, unknown),
    photosWith: () => library.photosWith([1], unknown),
    questions: () => library.questions(unknown),
    similar: () => library.similar(0, unknown),
    suggestNames: () => library.suggestNames(anything, unknown),
    ungrouped: () => library.ungrouped(unknown),
  }),
  PgVectorIndex: () => new PgVectorIndex(query.query, { ...query.table, ...(unknown as object) } as never),
  'PgVectorIndex.search': () => new PgVectorIndex(query.query, query.table).search(embedding, unknown),
  'ExactIndex.search': () => new ExactIndex(128).search(embedding, unknown),
  'QuantisedIndex.search': () => new QuantisedIndex(128).search(embedding, unknown),
  'QdrantIndex.search': () => new QdrantIndex(anything, 'a').search(embedding, unknown),
  identifyIn: () => identifyIn(new ExactIndex(128), embedding, rule, unknown),
  operatingPoint: () => operatingPoint(1, rule.calibration, unknown),
  embedStoredCrop: () => embedStoredCrop(anything, anything, {}, unknown),
  clusterFaces: () => clusterFaces([], { rule }, unknown),
  convertModel: () => convertModel(anything, unknown),
  convertMtcnn: () => convertMtcnn([], unknown),
  convertOriginal: () => convertOriginal([], unknown),
  decodeImage: () => decodeImage(anything, unknown),
  drawFaces: () => drawFaces(anything, [], unknown),
  FaceOverlay: () => new FaceOverlay(anything, unknown),
  pictureMapping: () => pictureMapping(anything, unknown),
  identificationErrors: () => identificationErrors(anything, unknown),
  performanceReport: () => performanceReport([], rule, unknown),
  reportPage: () => reportPage(anything, unknown),
  trackingScore: () => trackingScore([], unknown),
  challenge: () => challenge(anything, unknown),
  'Liveness.load': () => Liveness.load(unknown),
  'Liveness.score': () => liveness.score(anything, face, unknown),
  useCamera: () => errorOf(() => useCamera(unknown)),
  useFaceNet: () => errorOf(() => useFaceNet(unknown)),
  usePhotoFaces: () => errorOf(() => usePhotoFaces(facenet, new Blob(), unknown)),
  useVideoFaces: () => errorOf(() => useVideoFaces(facenet, { current: anything }, unknown)),
  'Head.compare': () => head.compare(face, face, unknown),
  'HeadedFaceNet.compare': () => headed.compare(face, face, unknown),
  'HeadedFaceNet.embed': () => headed.embed(anything, unknown),
  'HeadedFaceNet.embedCrop': () => headed.embedCrop(anything, unknown),
  OfflineSelection: () => new OfflineSelection([], async () => [], unknown),
  'OfflineSelection.at': () => new OfflineSelection([], async () => [], { every: 1 }).at(0, unknown),
  'TrainableNetwork.embed': () => network.embed(anything, unknown),
  buildNetwork: () => buildNetwork(anything, anything, unknown),
  contrastiveLoss: () => contrastiveLoss(anything, anything, [], unknown),
  identityBatches: () => identityBatches([], unknown),
  largeMarginCosineLoss: () => largeMarginCosineLoss(anything, anything, anything, [], unknown),
  selectTriplets: () => selectTriplets([], [], unknown),
  startTensorFlow: () => startTensorFlow(unknown),
  trainHead: () => trainHead([], unknown),
  trainHogSvm: () => trainHogSvm([], unknown),
  trainLinearSvm: () => trainLinearSvm([], unknown),
  trainNetwork: () => trainNetwork(anything, network, anything, unknown),
  tripletLoss: () => tripletLoss(anything, anything, [], unknown),
};

/** Those that take no signal, because they are synchronous or end otherwise. */
const withoutSignal = [
  ...['FaceNet.compare', 'Head.compare', 'HeadedFaceNet.compare', 'useCamera', 'convertOriginal', 'PgVectorIndex'],
  ...['files', 'people', 'photos', 'photosOf', 'photosWith', 'ungrouped'].map((name) => `LibraryQueries.${name}`),
  ...['drawFaces', 'FaceOverlay', 'pictureMapping', 'identificationErrors', 'reportPage', 'trackingScore'],
  ...['contrastiveLoss', 'largeMarginCosineLoss', 'tripletLoss', 'identityBatches', 'OfflineSelection'],
  ...['selectTriplets', 'trainLinearSvm', 'TrainableNetwork.embed'],
];

function callsOf(owner: string, members: Record<string, () => unknown>): Record<string, () => unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, call]) => [`${owner}.${name}`, call]));
}

beforeAll(async () => {
  vi.stubGlobal('document', { createElement: () => ({ style: {} }) });
  vi.stubGlobal('ResizeObserver', class {});
  gallery = await Gallery.open({ name: 'test', storage: 'memory', facenet });
  const identity = { sha256: ['ab'.repeat(32)], template: 'arcface' as const };
  const forLibrary = { rule, identity, models: facts.models, embed() {} } as never;
  library = await Library.open({ name: 'test', storage: 'memory', facenet: forLibrary });
});
afterAll(async () => {
  await library.close();
  await gallery.close();
  vi.unstubAllGlobals();
});

test('this test calls every public function with options', () => {
  expect(Object.keys(calls).sort()).toEqual(callablesWithOptions());
});

test.each(Object.entries(calls))('%s refuses an unknown option', async (_, call) => {
  unknown = { noSuchOption: 1 } as never;
  await expect((async () => call())()).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringContaining('There is no option "noSuchOption" here'),
  });
});

test.each(withoutSignal)('%s refuses a signal', async (name) => {
  unknown = { signal: AbortSignal.abort() } as never;
  await expect((async () => calls[name]?.())()).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringContaining('There is no option "signal" here'),
  });
});
