import type { ComponentChildren } from 'preact';
import './photo-input.css';

interface PhotoInputProps {
  /** The button's label. */
  label: string;
  kind?: 'primary' | 'plain' | 'quiet';
  /** The files that the picker offers. Default: images. */
  accept?: string;
  multiple?: boolean;
  /** Whether the user chooses a folder, including its subfolders. */
  folder?: boolean;
  onFiles: (files: File[]) => void;
}

/** A button that opens the file picker, for photos unless `accept` names other files. */
export function PhotoInput({
  label,
  kind = 'plain',
  accept = 'image/*',
  multiple = false,
  folder = false,
  onFiles,
}: PhotoInputProps) {
  return (
    <label class={`button ${kind} photo-input`}>
      {label}
      <input
        type="file"
        accept={accept}
        multiple={multiple || folder}
        ref={(input) => {
          if (input) input.webkitdirectory = folder;
        }}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // Reset the input, so that choosing the same file again fires a change event.
          currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}

interface DropZoneProps {
  onFiles: (files: File[]) => void;
  class?: string;
  /** The accessible name of the region. */
  label?: string;
  children: ComponentChildren;
}

/** A region that accepts dropped files and folders, including subfolders. */
export function DropZone({ onFiles, class: name = '', label, children }: DropZoneProps) {
  return (
    <section
      class={`drop-zone ${name}`}
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault();
        event.currentTarget.dataset.dragged = '';
      }}
      onDragLeave={(event) => {
        delete event.currentTarget.dataset.dragged;
      }}
      onDrop={async (event) => {
        event.preventDefault();
        delete event.currentTarget.dataset.dragged;
        if (event.dataTransfer) onFiles(await droppedFiles(event.dataTransfer));
      }}
    >
      {children}
    </section>
  );
}

/** The paths of dropped and made files. Files of an input have `webkitRelativePath`. */
const paths = new WeakMap<File, string>();

/** A file's path relative to the chosen or dropped folder. Its name if it was chosen or dropped on its own. */
export function pathOf(file: File): string {
  return paths.get(file) || file.webkitRelativePath || file.name;
}

/** Sets the path that {@link pathOf} returns for a file that the page made. */
export function withPath(file: File, path: string): File {
  paths.set(file, path);
  return file;
}

/** All files of a drop, including those in folders. Reads the transfer before the first `await`, after which it is empty. */
async function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const plain = [...files];
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])));
  return found.flat().length > 0 ? found.flat() : plain;
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return new Promise((resolve) =>
      (entry as FileSystemFileEntry).file(
        (file) => {
          paths.set(file, entry.fullPath.replace(/^\//, ''));
          resolve([file]);
        },
        () => resolve([]),
      ),
    );
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    // A reader returns the entries in batches. An empty batch is the last one.
    const entries = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (entries.length === 0) return found;
    for (const child of entries) found.push(...(await filesOf(child)));
  }
}
