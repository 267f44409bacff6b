import { FaceNetError } from 'facenet-web';
import { errorMessage } from '../app/error-message.ts';

/** An error's message in the current language, followed by its code if it is an error of the library. */
export function ErrorText({ error }: { error: unknown }) {
  return (
    <>
      {errorMessage(error)}
      {error instanceof FaceNetError && <code class="small"> {error.code}</code>}
    </>
  );
}
