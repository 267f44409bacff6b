import { FaceNetError } from 'facenet-web';
import { DemoError } from '../app/problems.ts';
import { sentenceOf } from '../app/sentence.ts';

/** What went wrong, in a sentence, and the library's code for it; what is not the demo's own is marked as English. */
export function ErrorText({ error }: { error: unknown }) {
  return (
    <>
      <span lang={error instanceof DemoError ? undefined : 'en'}>{sentenceOf(error)}</span>
      {error instanceof FaceNetError && <code class="small"> {error.code}</code>}
    </>
  );
}
