import { decodeImage } from 'facenet-web';
import type { LibraryPerson } from 'facenet-web/library';
import { DemoError } from '../../app/demo-error.ts';

/** A page: A4 at 200 dpi, in pixels. */
export const page = { width: 1654, height: 2339, margin: 110 };

/** A person on the sheet, with the numbers of the faces. */
export interface SheetPerson extends Pick<LibraryPerson, 'number' | 'name' | 'cover' | 'faces' | 'photos'> {
  members: readonly number[];
}

/** The layout, in pixels. */
const gap = 12;
const headingHeight = 56;
const top = page.margin + 90;
/** The sides of faces to choose from: the largest at which all people fit on one page, or else the smallest. */
const faceSides = [420, 340, 270, 220, 170, 130];
/** The maximum number of rows of a person's faces. */
const maxRows = 2;

/** A person on a page, with at most {@link maxRows} rows of faces. */
export interface SheetEntry {
  person: SheetPerson;
  faces: readonly number[];
  y: number;
}

/** The pages of a sheet, and the side of its faces in pixels. */
export interface SheetLayout {
  side: number;
  pages: SheetEntry[][];
}

/** Distributes people over pages, with faces as large as the page allows. A person never spans two pages. */
export function layOut(people: readonly SheetPerson[]): SheetLayout {
  const layouts = faceSides.map((side) => ({ side, pages: distribute(people, side) }));
  return layouts.find(({ pages }) => pages.length <= 1) ?? (layouts.at(-1) as SheetLayout);
}

/** The number of faces in a row. */
function perRow(side: number): number {
  return Math.floor((page.width - 2 * page.margin + gap) / (side + gap));
}

function distribute(people: readonly SheetPerson[], side: number): SheetEntry[][] {
  const pages: SheetEntry[][] = [];
  let y = top;
  for (const person of people) {
    const others = person.members.filter((face) => face !== person.cover);
    const faces = [person.cover, ...others].slice(0, maxRows * perRow(side));
    const height = headingHeight + Math.ceil(faces.length / perRow(side)) * (side + gap) + 36;
    if (pages.length === 0 || y + height > page.height - page.margin) {
      pages.push([]);
      y = top;
    }
    pages.at(-1)?.push({ person, faces, y });
    y += height;
  }
  return pages;
}

/** Reads the crop of a face; undefined if there is none. */
type CropReader = (face: number) => Promise<Blob | undefined>;

/** The texts of the sheet, in the current language. */
export interface SheetText {
  title: string;
  nameOf: (person: SheetPerson) => string;
  countOf: (person: SheetPerson) => string;
  pageOf: (page: number, pages: number) => string;
}

/**
 * Draws a contact sheet, one page at a time to limit memory.
 *
 * @param cropOf returns the crop of a face.
 * @returns one PNG per page.
 * @throws {DemoError} `contactSheetFailed` if the browser returns no image.
 */
export async function drawContactSheet(
  people: readonly SheetPerson[],
  cropOf: CropReader,
  text: SheetText,
): Promise<Blob[]> {
  const { pages, side } = layOut(people);
  const sheets: Blob[] = [];
  for (const [number, entries] of pages.entries()) {
    const canvas = document.createElement('canvas');
    canvas.width = page.width;
    canvas.height = page.height;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, page.width, page.height);
    write(context, text.title, page.margin, page.margin + 40, 44, 650);
    context.textAlign = 'right';
    const right = page.width - page.margin;
    write(context, text.pageOf(number + 1, pages.length), right, page.margin + 40, 24, 400, '#555');
    context.textAlign = 'left';
    for (const { person, faces, y } of entries) {
      write(context, text.nameOf(person), page.margin, y + 32, 30, 600);
      const after = page.margin + context.measureText(text.nameOf(person)).width + 20;
      write(context, text.countOf(person), after, y + 32, 24, 400, '#555');
      await drawFaces(context, faces, { top: y + headingHeight, side }, cropOf);
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new DemoError('contactSheetFailed');
    sheets.push(blob);
  }
  return sheets;
}

async function drawFaces(
  context: CanvasRenderingContext2D,
  faces: readonly number[],
  { top, side }: { top: number; side: number },
  cropOf: CropReader,
): Promise<void> {
  for (const [i, face] of faces.entries()) {
    const crop = await cropOf(face);
    if (!crop) continue;
    const bitmap = await decodeImage(crop);
    const x = page.margin + (i % perRow(side)) * (side + gap);
    const y = top + Math.floor(i / perRow(side)) * (side + gap);
    context.drawImage(bitmap, x, y, side, side);
    bitmap.close();
  }
}

function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  size: number,
  weight: number,
  colour = '#111',
): void {
  context.font = `${weight} ${size}px system-ui, sans-serif`;
  context.fillStyle = colour;
  context.fillText(text, x, y, page.width - 2 * page.margin);
}
