import { useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { faces, grouping, photos, unreadablePhotos } from './album.ts';
import { drawContactSheet } from './contact-sheet.ts';
import { type AlbumExport, toCsv, toJson } from './exports.ts';
import { groupLabel } from './group-label.ts';
import { en, ko } from './messages.ts';

/** Buttons to export the album as JSON, CSV and contact sheet. */
export function Exports() {
  const t = localized({ en, ko });
  const [drawing, setDrawing] = useState(false);
  const { groups } = grouping.value;
  const album = (): AlbumExport => ({
    photos: photos.peek(),
    faces: faces.peek(),
    groups: grouping.peek().groups,
    unreadable: new Map([...unreadablePhotos.peek()].map(([photo, error]) => [photo, String(error)])),
  });
  const photosOf = (members: readonly number[]) => new Set(members.map((face) => faces.peek()[face]?.photo)).size;
  const saveSheet = async () => {
    setDrawing(true);
    try {
      const sheets = await drawContactSheet(groups, (face) => faces.peek()[face]?.crop, {
        title: t.sheetTitle,
        nameOf: (group) => groupLabel(group, t),
        countOf: ({ members }) => t.groupCount(members.length, photosOf(members)),
        pageOf: t.sheetPage,
      });
      for (const [i, sheet] of sheets.entries())
        saveFile(sheet, `contact-sheet${sheets.length > 1 ? `-${i + 1}` : ''}.png`);
    } catch (error) {
      toast(`${t.sheetFailed} ${errorMessage(error)}`);
    }
    setDrawing(false);
  };
  if (groups.length === 0) return null;
  return (
    <section class="exports" aria-labelledby="export-title">
      <h2 id="export-title">{t.export}</h2>
      <p class="small muted">{t.exportText}</p>
      <div class="actions">
        <Button onClick={() => saveFile(new Blob([toJson(album())], { type: 'application/json' }), 'people.json')}>
          {t.json}
        </Button>
        {/* The byte order mark makes spreadsheets read the file as UTF-8. */}
        <Button onClick={() => saveFile(new Blob(['\ufeff', toCsv(album())], { type: 'text/csv' }), 'people.csv')}>
          {t.csv}
        </Button>
        <Button disabled={drawing} onClick={() => void saveSheet()}>
          {drawing ? t.sheetDrawing : t.sheet}
        </Button>
      </div>
    </section>
  );
}
