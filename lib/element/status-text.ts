/** A number of faces in words. */
export function faceCount(count: number): string {
  return count === 1 ? '1 face' : `${count || 'no'} faces`;
}

/** The number of faces, and the names of those that were identified. */
export function statusText(faces: readonly { label: string }[]): string {
  const names = faces.map(({ label }) => label).filter(Boolean);
  const count = faceCount(faces.length);
  return names.length > 0 ? `${count}: ${names.join(', ')}` : count;
}
