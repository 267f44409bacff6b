import { FaceNetError } from 'facenet-web';
import { errorMessage } from '../app/error-message.ts';
import './error-text.css';

/** An error's message in the current language, followed by its code if it is an error of the library. */
export function ErrorText({ error }: { error: unknown }) {
  return (
    <>
      {errorMessage(error)} {error instanceof FaceNetError && <ErrorCode code={error.code} />}
    </>
  );
}

/** The code of an error, in one piece, to look up or report. */
export function ErrorCode({ code }: { code: string }) {
  return <code class="error-code">{code}</code>;
}
