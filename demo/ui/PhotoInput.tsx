import type { ComponentChildren } from 'preact';
import './photo-input.css';

interface PhotoInputProps {
  /** What the button says. */
  label: string;
  kind?: 'primary' | 'plain' | 'quiet';
  multiple?: boolean;
  /** Whether a whole folder is chosen, with the folders in it. */
  folder?: boolean;
  onFiles: (files: File[]) => void;
}

/** A button that lets photos be chosen. */
export function PhotoInput({ label, kind = 'plain', multiple = false, folder = false, onFiles }: PhotoInputProps) {
  return (
    <label class={`button ${kind} photo-input`}>
      {label}
      <input
        type="file"
        accept="image/*"
        multiple={multiple || folder}
        ref={(input) => {
          if (input) input.webkitdirectory = folder;
        }}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // Without this, choosing the same file again would be no change.
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
  /** A name for the place, where it is a region of the page. */
  label?: string;
  children: ComponentChildren;
}

/** A place where files, and folders with all that is in them, can be dropped. */
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

/** Where dropped files lay; those of a file input tell it themselves. */
const paths = new WeakMap<File, string>();

/** Where a file lay below the folder that was chosen or dropped; its name where it came alone. */
export function pathOf(file: File): string {
  return paths.get(file) || file.webkitRelativePath || file.name;
}

/** All files of a drop, in the folders too. The transfer is only readable until the first wait. */
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
    // A reader hands out a hundred at a time, and none when there are no more.
    const entries = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (entries.length === 0) return found;
    for (const child of entries) found.push(...(await filesOf(child)));
  }
}
