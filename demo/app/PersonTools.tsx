import type { Gallery, Person } from 'facenet-web/gallery';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { confirmDialog, promptDialog } from './dialogs.tsx';
import { applyChange } from './gallery-change.ts';
import { localized } from './language.ts';
import { en, ko } from './person-messages.ts';
import { toast } from './toasts.tsx';

interface PersonToolsProps {
  person: Person;
  gallery: Gallery;
}

/** The buttons that rename and delete a remembered person. */
export function PersonTools({ person: { id, name }, gallery }: PersonToolsProps) {
  const t = localized({ en, ko });
  const rename = async () => {
    const input = { label: t.name, value: name };
    const next = await promptDialog({ title: t.renameTitle(name), text: t.renameText, confirmLabel: t.rename, input });
    if (!next || next === name) return;
    if (!(await applyChange(gallery.rename(id, next)))) return;
    toast(t.renamed(next), { label: t.undo, run: () => void applyChange(gallery.rename(id, name)) });
  };
  const remove = async () => {
    const question = { title: t.removeTitle(name), text: t.removeText, confirmLabel: t.remove, danger: true };
    if ((await confirmDialog(question)) && (await applyChange(gallery.remove(id)))) toast(t.removed(name));
  };
  return (
    <div class="tools">
      <Button kind="quiet" aria-label={t.renameTitle(name)} title={t.rename} onClick={() => void rename()}>
        <Icon name="rename" />
      </Button>
      <Button kind="quiet" aria-label={t.removeTitle(name)} title={t.remove} onClick={() => void remove()}>
        <Icon name="remove" />
      </Button>
    </div>
  );
}
