import { DemoError } from '../../app/demo-error.ts';
import type { Group } from './groups.ts';

/** A page: A4 at 200 dpi, in pixels. */
export const page = { width: 1654, height: 2339, margin: 110 };

/** The layout of a group, in pixels: its heading and rows of square faces. */
const faceSide = 130;
const gap = 12;
const perRow = Math.floor((page.width - 2 * page.margin + gap) / (faceSide + gap));
const headingHeight = 56;

/** A group on a page, with at most two rows of its faces. */
export interface SheetEntry {
  group: Group;
  faces: readonly number[];
  y: number;
}

/** Distributes groups over pages. A group never spans two pages. */
export function layOut(groups: readonly Group[]): SheetEntry[][] {
  const pages: SheetEntry[][] = [];
  const top = page.margin + 90;
  let y = top;
  for (const group of groups) {
    const faces = [group.cover, ...group.members.filter((face) => face !== group.cover)].slice(0, 2 * perRow);
    const height = headingHeight + Math.ceil(faces.length / perRow) * (faceSide + gap) + 36;
    if (pages.length === 0 || y + height > page.height - page.margin) {
      pages.push([]);
      y = top;
    }
    pages.at(-1)?.push({ group, faces, y });
    y += height;
  }
  return pages;
}

/** The texts of the sheet, in the current language. */
export interface SheetText {
  title: string;
  nameOf: (group: Group) => string;
  countOf: (group: Group) => string;
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
  groups: readonly Group[],
  cropOf: (face: number) => Blob | undefined,
  text: SheetText,
): Promise<Blob[]> {
  const pages = layOut(groups);
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
    for (const { group, faces, y } of entries) {
      write(context, text.nameOf(group), page.margin, y + 32, 30, 600);
      const after = page.margin + context.measureText(text.nameOf(group)).width + 20;
      write(context, text.countOf(group), after, y + 32, 24, 400, '#555');
      await drawFaces(context, faces, y + headingHeight, cropOf);
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
  top: number,
  cropOf: (face: number) => Blob | undefined,
): Promise<void> {
  for (const [i, face] of faces.entries()) {
    const crop = cropOf(face);
    if (!crop) continue;
    const bitmap = await createImageBitmap(crop);
    const x = page.margin + (i % perRow) * (faceSide + gap);
    const y = top + Math.floor(i / perRow) * (faceSide + gap);
    context.drawImage(bitmap, x, y, faceSide, faceSide);
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
