import { FaceNet } from 'facenet-web';
import { Library } from 'facenet-web/library';

/** Indexes photos, and lists the photos of each person. After a reload, indexing goes on where it was. */
export async function groupByPerson(files: readonly File[]): Promise<void> {
  const facenet = await FaceNet.load();
  const library = await Library.open({ name: 'holidays', facenet });
  await library.add(files, { onProgress: ({ done, total }) => console.log(`${done} of ${total}`) });
  for (const { number, name } of library.people().items) {
    const { items } = await library.photosOf(number);
    console.log(
      name || `person ${number}`,
      items.map(({ path }) => path),
    );
  }
  // "Same or different?" The answer stays, whatever photos are added.
  const question = await library.nextQuestion();
  if (question) await library.answer(question, 'same');
}
