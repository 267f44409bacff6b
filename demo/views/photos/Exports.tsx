import { useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { localized } from '../../app/language.ts';
import { openedLibrary } from '../../app/library.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { hiddenPeople, people } from './album.ts';
import { drawContactSheet } from './contact-sheet.ts';
import { cropOf } from './crops.ts';
import { type AlbumExport, toCsv, toJson } from './exports.ts';
import { en, ko } from './messages.ts';
import { personLabel } from './person-label.ts';

/** Buttons to export the album as JSON, CSV and contact sheet. */
export function Exports() {
  const t = localized({ en, ko });
  const [drawing, setDrawing] = useState(false);
  const run = async (write: () => Promise<void>) => {
    setDrawing(true);
    try {
      await write();
    } catch (error) {
      toast(`${t.exportFailed} ${errorMessage(error)}`);
    }
    setDrawing(false);
  };
  if (people.value.length === 0) return null;
  return (
    <section class="exports" aria-labelledby="export-title">
      <h2 id="export-title">{t.export}</h2>
      <p class="small muted">{t.exportText}</p>
      <div class="actions">
        <Button disabled={drawing} onClick={() => void run(saveJson)}>
          {t.json}
        </Button>
        <Button disabled={drawing} onClick={() => void run(saveCsv)}>
          {t.csv}
        </Button>
        <Button disabled={drawing} onClick={() => void run(saveSheet)}>
          {drawing ? t.sheetDrawing : t.sheet}
        </Button>
      </div>
    </section>
  );
}

async function saveJson(): Promise<void> {
  saveFile(new Blob([toJson(await readAlbum())], { type: 'application/json' }), 'people.json');
}

async function saveCsv(): Promise<void> {
  // The byte order mark makes spreadsheets read the file as UTF-8.
  saveFile(new Blob(['\ufeff', toCsv(await readAlbum())], { type: 'text/csv' }), 'people.csv');
}

/** Saves each page of the contact sheet as an image. */
async function saveSheet(): Promise<void> {
  const t = localized({ en, ko });
  const groups = people.peek().map((person) => ({ ...person, members: openedLibrary()?.facesOf(person.number) ?? [] }));
  const sheets = await drawContactSheet(groups, cropOf, {
    title: t.sheetTitle,
    nameOf: (person) => personLabel(person, t),
    countOf: ({ faces, photos }) => t.groupCount(faces, photos),
    pageOf: t.sheetPage,
  });
  for (const [i, sheet] of sheets.entries())
    saveFile(sheet, `contact-sheet${sheets.length > 1 ? `-${i + 1}` : ''}.png`);
}

/** Reads who is in which photo. */
async function readAlbum(): Promise<AlbumExport> {
  const library = openedLibrary();
  const photos: AlbumExport['photos'] = [];
  if (!library) return { photos, faces: [], people: [], unreadable: [] };
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof library.photos>> = await library.photos({ limit: 1000, after });
    photos.push(...page.items);
    after = page.next;
  }
  const faces = await library.faces(photos.flatMap((photo) => photo.faces));
  const { items: unreadable } = await library.files('failed', { limit: 100_000 });
  return { photos, faces, people: [...people.peek(), ...hiddenPeople.peek()], unreadable };
}
