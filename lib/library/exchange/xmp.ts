import { FaceNetError } from '../../core/errors.ts';
import type { Box } from '../../core/types.ts';
import { readProperties } from './region-properties.ts';
import {
  type FaceRegion,
  fromStoredArea,
  type RegionPhoto,
  requirePhoto,
  requireRegions,
  type StoredArea,
  storedSize,
  toStoredArea,
} from './regions.ts';

/**
 * Writes an XMP sidecar with the face regions of a photo, which digiKam, Lightroom, Picasa and others read. Save it beside the photo,
 * with the extension `.xmp`. (MWG, "Guidelines for Handling Image Metadata" 2.0, section 5.9)
 *
 * @param photo the photo that the sidecar belongs to.
 * @param regions the faces, in pixels of the photo with its orientation applied. Boxes are clipped to the photo, and those outside it
 *   left out. Characters that XML 1.0 does not allow, such as control characters, are left out of the names.
 * @returns the text of the file.
 * @throws {FaceNetError} `option-invalid` if the photo has no size, or no orientation from 1 to 8, or a region has no name or box.
 *
 * @example
 * const photo = { width: 4000, height: 3000, orientation: 1 };
 * const xmp = writeRegions(photo, [{ name: 'Ada', box: { x: 1200, y: 800, width: 400, height: 400 } }]);
 * const sidecar = new Blob([xmp], { type: 'application/rdf+xml' });
 */
export function writeRegions(photo: RegionPhoto, regions: readonly FaceRegion[]): string {
  requirePhoto(photo);
  requireRegions(regions);
  const { width, height } = storedSize(photo);
  const items = regions.flatMap(({ name, box }) => {
    const clipped = clippedTo(photo, box);
    return clipped ? [itemOf(name, toStoredArea(clipped, photo))] : [];
  });
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#">
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="${width}" stDim:h="${height}" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
${items.join('\n')}
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`;
}

/** The item of a region in the list. */
function itemOf(name: string, area: StoredArea): string {
  const text = escaped(name);
  return [
    '     <rdf:li rdf:parseType="Resource">',
    `      <mwg-rs:Area stArea:x="${round(area.x)}" stArea:y="${round(area.y)}" stArea:w="${round(area.width)}" stArea:h="${round(area.height)}" stArea:unit="normalized"/>`,
    ...(text ? [`      <mwg-rs:Name>${text}</mwg-rs:Name>`] : []),
    '      <mwg-rs:Type>Face</mwg-rs:Type>',
    '     </rdf:li>',
  ].join('\n');
}

/**
 * Reads the face regions of an XMP sidecar, or of the XMP text of a photo. Properties may be attributes or elements. Regions of other
 * types are left out.
 *
 * @param xmp the text of the sidecar.
 * @param photo the photo that the sidecar belongs to. It may be scaled since. If the sidecar states the size of its upright picture instead
 *   of the stored one, the regions are read as regions of the upright picture.
 * @returns the faces, in pixels of the photo with its orientation applied.
 * @throws {FaceNetError} `library-corrupt` for text that is not XMP; `option-invalid` if the regions are of a picture whose sides have
 *   another ratio, because the photo was cut or turned since; if the photo has no size, or no orientation from 1 to 8; and if `xmp` is
 *   no text.
 *
 * @example
 * const regions = readRegions(await file.text(), { width: 4000, height: 3000, orientation: 1 });
 * for (const { name, box } of regions) show(name, box);
 */
export function readRegions(xmp: string, photo: RegionPhoto): FaceRegion[] {
  requirePhoto(photo);
  if (typeof xmp !== 'string') {
    throw new FaceNetError('option-invalid', 'The sidecar is no text: pass its contents, such as await file.text().');
  }
  if (!xmp.includes('<rdf:RDF') && !xmp.includes(':RDF')) {
    throw new FaceNetError('library-corrupt', 'The file is not XMP: pass the text of an XMP sidecar.');
  }
  const { dimensions, regions } = readProperties(xmp);
  const faces = regions.flatMap((properties) => {
    const [x, y, width, height] = ['x', 'y', 'w', 'h'].map((name) =>
      Number(properties.get(`Area ${name}`) ?? Number.NaN),
    ) as [number, number, number, number];
    const isFace = (properties.get('Type') ?? 'Face') === 'Face';
    if (!isFace || ![x, y, width, height].every(Number.isFinite)) return [];
    return [{ name: properties.get('Name') ?? '', area: { x, y, width, height } }];
  });
  if (faces.length === 0) return [];
  const picture = pictureOfRegions(dimensions, photo);
  return faces.map(({ name, area }) => ({ name, box: fromStoredArea(area, picture) }));
}

/** How much the ratio of the sides may differ: some programs count pixels at the border of a raw photo that others leave out. */
const maxRatioDifference = 0.01;

/**
 * The photo as its regions refer to it: with its orientation, unless they were stated for its upright picture, as some programs do.
 *
 * @throws {FaceNetError} `option-invalid` if they were stated for a picture with another ratio of the sides.
 */
function pictureOfRegions(dimensions: ReadonlyMap<string, string>, photo: RegionPhoto): RegionPhoto {
  const [width, height] = ['w', 'h'].map((name) => Number(dimensions.get(name))) as [number, number];
  const stored = storedSize(photo);
  if (!(width > 0 && height > 0) || haveSameShape({ width, height }, stored)) return photo;
  if (haveSameShape({ width, height }, photo)) return { ...photo, orientation: 1 };
  throw new FaceNetError(
    'option-invalid',
    `The regions are of a picture of ${width} × ${height} stored pixels, but the photo has ${stored.width} × ${stored.height}: it was cut or turned since. Pass the photo that they were written for, or write them again.`,
  );
}

/** Whether one picture can be the other one scaled. */
function haveSameShape(a: { width: number; height: number }, b: { width: number; height: number }): boolean {
  // The sides of a scaled picture are rounded.
  const rounding = 1 / Math.min(a.width, a.height, b.width, b.height);
  return Math.abs((a.width * b.height) / (a.height * b.width) - 1) <= maxRatioDifference + rounding;
}

/** The part of a box that is in the photo, which a face at the border exceeds; undefined if there is none. */
function clippedTo(photo: RegionPhoto, box: Box): Box | undefined {
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)];
  const width = Math.min(photo.width, box.x + box.width) - x;
  const height = Math.min(photo.height, box.y + box.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

function round(value: number): string {
  return String(Number(value.toFixed(6)));
}

/** The characters that XML 1.0 does not allow, not as references either. (XML 1.0, 2.2) */
const invalid = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for an element. White space is written as references, because parsers change `\r`, and some normalise the others. */
function escaped(text: string): string {
  return text.replace(invalid, '').replace(/[&<>\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
