import type { Gallery } from 'facenet-web/gallery';

/** Saves all people to a file that only the passphrase opens, and adds the people of such a file. */
export async function copyPeople(from: Gallery, to: Gallery, passphrase: string) {
  const file = await from.export({ passphrase });
  return to.import(file, { passphrase });
}

/** Encrypts the stored people, and deletes one of them. */
export async function protect(gallery: Gallery, passphrase: string, person: string): Promise<void> {
  await gallery.protect(passphrase);
  await gallery.remove(person);
}
