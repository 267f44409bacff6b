import { galleryState, isRepairable, people } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { CodeSample } from '../../ui/CodeSample.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { FileTransfer } from './FileTransfer.tsx';
import { hasPassphrase } from './has-passphrase.ts';
import { en, ko } from './messages.ts';
import { Passphrase, Unlock } from './Passphrase.tsx';
import { PersonCard } from './PersonCard.tsx';
import { Repair } from './Repair.tsx';
import './gallery.css';

/** The remembered people: names, pictures, deletion, export, import and the passphrase. */
export function View() {
  const t = localized({ en, ko });
  return (
    <section class="gallery view" aria-labelledby="view-title">
      <header>
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </header>
      <Content />
      <CodeSample view="gallery" />
    </section>
  );
}

function Content() {
  const t = localized({ en, ko });
  const state = galleryState.value;
  if (state.status === 'opening') return <p role="status">{t.opening}</p>;
  if (state.status === 'failed') {
    // Damaged people with a passphrase are repaired where it is asked for. What opens without it has been put in their place.
    const canRepair = isRepairable(state.error) && hasPassphrase.value === 'no';
    return (
      <EmptyState
        title={t.failed}
        text={<span class="error">{canRepair ? t.damaged : <ErrorText error={state.error} />}</span>}
      >
        {canRepair && <Repair />}
      </EmptyState>
    );
  }
  if (state.status === 'locked') return <Unlock />;
  const everyone = people.value;
  return (
    <>
      {state.storageError && (
        <p class="notice">{state.storageError.code === 'storage-full' ? t.storageFull : t.notStored}</p>
      )}
      {everyone.length === 0 ? (
        <EmptyState title={t.nobody} text={t.nobodyText} />
      ) : (
        <ul class="person-list">
          {everyone.map((person) => (
            <li key={person.id}>
              <PersonCard person={person} gallery={state.gallery} />
            </li>
          ))}
        </ul>
      )}
      <div class="gallery-tools">
        <FileTransfer gallery={state.gallery} />
        <Passphrase gallery={state.gallery} />
      </div>
    </>
  );
}
