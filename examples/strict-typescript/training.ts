// Apart from main.ts, because the declarations of TensorFlow.js need skipLibCheck.
import { Head, type HeadExample, trainHead } from 'facenet-web/training';

export async function trainAgain(file: Blob, examples: readonly HeadExample[]): Promise<Head> {
  await using former = await Head.load(file);
  return trainHead(examples, { dimension: former.dimension });
}
