import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** What the page shows within its view, such as a person; undefined for the whole view. */
export const subject = signal<string | undefined>(undefined);

/** Adds what a component shows to the title of the page, until the component unmounts. */
export function useSubject(text: string): void {
  useEffect(() => {
    subject.value = text;
    return () => {
      subject.value = undefined;
    };
  }, [text]);
}
