import { decodeImage } from 'facenet-web';
import type { Consent, Gallery } from 'facenet-web/gallery';
import { embedStoredCrop, type LibraryFace } from 'facenet-web/library';
import { loadedFaceNet } from '../../app/facenet.ts';
import { refreshPeople } from '../../app/gallery.ts';
import { openedLibrary } from '../../app/library.ts';
import { cropOf } from './crops.ts';

/** The maximum number of faces to save of a person, the best first. More faces hardly improve recognition. */
const maxFaces = 5;

/** The side of the crops in the gallery, in pixels. */
const cropSide = 150;

/**
 * Saves a person's best faces to the gallery, as enrolled faces of the person with the same name, and creates the person if necessary.
 * The consent is kept with the person.
 *
 * @returns the number of faces added.
 */
export async function saveToGallery(
  gallery: Gallery,
  { number: person, name }: { number: number; name: string },
  consent: Consent,
): Promise<number> {
  const library = openedLibrary();
  if (!library) return 0;
  const faces = await library.faces(library.facesOf(person));
  const best = faces.sort((a, b) => b.quality - a.quality).slice(0, maxFaces);
  let enrolled = (await gallery.list()).find((other) => other.name === name);
  let added = 0;
  for (const each of best) {
    const face = await embedCrop(each);
    if (!face) continue;
    // The user has named the person, so a match with another one is no reason to reject the face.
    const enrolment = await gallery.enrol(enrolled ?? { name }, face.embedded, {
      allow: ['other-person'],
      consent,
      crop: face.crop,
    });
    if (!enrolment.enrolled) continue;
    enrolled = enrolment.person;
    added++;
  }
  await refreshPeople();
  return added;
}

/** Embeds the face in a stored crop, and aligns it as the gallery keeps it. */
async function embedCrop(face: LibraryFace) {
  const crop = await cropOf(face.number);
  if (!crop) return undefined;
  const facenet = await loadedFaceNet();
  const bitmap = await decodeImage(crop);
  try {
    const embedded = await embedStoredCrop(facenet, bitmap, face);
    return { embedded, crop: await facenet.align(bitmap, embedded, { size: cropSide }) };
  } finally {
    bitmap.close();
  }
}
