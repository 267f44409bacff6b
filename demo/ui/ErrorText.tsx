import { FaceNetError } from 'facenet-web';
import { sentenceOf } from '../app/sentence.ts';

/** What went wrong, in a sentence, and the library's code for it. */
export function ErrorText({ error }: { error: unknown }) {
  return (
    <>
      {sentenceOf(error)}
      {error instanceof FaceNetError && <code class="small"> {error.code}</code>}
    </>
  );
}
