import type { Gallery } from 'facenet-web/gallery';
import { refreshPeople } from '../../app/gallery.ts';
import { faces, grouping, qualityOf } from './album.ts';

/** The maximum number of faces to save per group, the best first. More faces hardly improve recognition. */
const maxTemplates = 5;

/**
 * Saves a group's best faces as enrolled faces of the person with the group's name, and creates the person if necessary.
 *
 * @returns the number of faces added. 0 if the group has no name.
 */
export async function saveToGallery(gallery: Gallery, id: number): Promise<number> {
  const group = grouping.peek().groups.find((group) => group.id === id);
  if (!group?.name) return 0;
  const best = [...group.members].sort((a, b) => qualityOf(b) - qualityOf(a)).slice(0, maxTemplates);
  let person = (await gallery.list()).find(({ name }) => name === group.name);
  let added = 0;
  for (const index of best) {
    const face = faces.peek()[index];
    if (!face) continue;
    // The user has named the person, so a match with another one is no reason to reject the face.
    const enrolment = await gallery.enrol(person ?? { name: group.name }, face, {
      allow: ['other-person'],
      crop: face.crop,
    });
    if (!enrolment.enrolled) continue;
    person = enrolment.person;
    added++;
  }
  await refreshPeople();
  return added;
}
