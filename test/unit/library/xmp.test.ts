import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readRegions, writeRegions } from '../../../lib/library/exchange/xmp.ts';

const photo = { width: 400, height: 300, orientation: 1 };
const folder = mkdtempSync(join(tmpdir(), 'facenet-xmp-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The characters of XML 1.0: production 2 of the specification. */
const isXml = (text: string) =>
  [...text].every((character) => {
    const code = character.codePointAt(0) as number;
    return code >= 0x20
      ? code < 0xd800 || (code > 0xdfff && (code & 0xfffe) !== 0xfffe) || code > 0xffff
      : [9, 10, 13].includes(code);
  });

/** A text as XML 1.0 can have it. */
const xmlText = (text: string) => [...text].filter(isXml).join('');

const special = fc.constantFrom(
  '\0',
  '\x07',
  '\x1b',
  '\t',
  '\n',
  '\r',
  '\x7f',
  '\x85',
  '\ud800',
  '\udc00',
  '\ufffe',
  '&',
  '<',
  ']]>',
);
const name = fc
  .string({
    unit: fc.oneof({ weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) }, special),
    maxLength: 20,
  })
  .filter((text) => xmlText(text).trim() === xmlText(text));

describe('XMP sidecars', () => {
  test('read back what was written, in every orientation', () => {
    const region = fc.record({
      name,
      box: fc.record({
        x: fc.nat(300),
        y: fc.nat(200),
        width: fc.integer({ min: 1, max: 100 }),
        height: fc.integer({ min: 1, max: 100 }),
      }),
    });
    fc.assert(
      fc.property(fc.array(region, { maxLength: 4 }), fc.integer({ min: 1, max: 8 }), (regions, orientation) => {
        const turned = { ...photo, orientation };
        const xmp = writeRegions(turned, regions);
        expect(isXml(xmp)).toBe(true);
        const read = readRegions(xmp, turned);
        expect(read.map(({ name }) => name)).toEqual(regions.map(({ name }) => xmlText(name)));
        for (const [i, { box }] of read.entries()) {
          const { x, y, width, height } = (regions[i] as (typeof regions)[number]).box;
          for (const [a, b] of [
            [box.x, x],
            [box.y, y],
            [box.width, width],
            [box.height, height],
          ] as const)
            expect(a).toBeCloseTo(b, 2);
        }
      }),
    );
  });

  test('end at the border of the photo, and leave out what is outside', () => {
    const box = fc.record({
      x: fc.integer({ min: -450, max: 450 }),
      y: fc.integer({ min: -350, max: 350 }),
      width: fc.integer({ min: 1, max: 900 }),
      height: fc.integer({ min: 1, max: 700 }),
    });
    fc.assert(
      fc.property(box, fc.integer({ min: 1, max: 8 }), (box, orientation) => {
        const turned = { ...photo, orientation };
        const xmp = writeRegions(turned, [{ name: '', box }]);
        const [left, top] = [Math.max(box.x, 0), Math.max(box.y, 0)];
        const [right, bottom] = [Math.min(box.x + box.width, 400), Math.min(box.y + box.height, 300)];
        const areas = [...xmp.matchAll(/stArea:x="(.*)" stArea:y="(.*)" stArea:w="(.*)" stArea:h="(.*)" /g)];
        expect(areas).toHaveLength(right > left && bottom > top ? 1 : 0);
        for (const [, ...area] of areas) {
          const [x, y, width, height] = area.map(Number) as [number, number, number, number];
          // The numbers are rounded to six digits.
          for (const [centre, size] of [
            [x, width],
            [y, height],
          ] as const) {
            expect(centre - size / 2).toBeGreaterThan(-2e-6);
            expect(centre + size / 2).toBeLessThan(1 + 2e-6);
          }
        }
        for (const { box: read } of readRegions(xmp, turned)) {
          expect(read.x).toBeCloseTo(left, 2);
          expect(read.y).toBeCloseTo(top, 2);
          expect(read.width).toBeCloseTo(right - left, 2);
          expect(read.height).toBeCloseTo(bottom - top, 2);
        }
      }),
    );
  });

  test('refer to the stored pixels of a photo that is shown turned', () => {
    // Orientation 6: the stored picture is turned clockwise to show it. Its right edge is shown at the bottom.
    const xmp = writeRegions({ width: 300, height: 400, orientation: 6 }, [
      { name: '', box: { x: 0, y: 300, width: 100, height: 100 } },
    ]);
    expect(xmp).toContain('stDim:w="400" stDim:h="300"');
    expect(xmp).toContain(
      `stArea:x="0.875" stArea:y="${Number((1 - 50 / 300).toFixed(6))}" stArea:w="0.25" stArea:h="0.333333"`,
    );
  });

  test('read regions with properties as elements, and leave out other types', () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><mwg-rs:Regions><mwg-rs:RegionList><rdf:Bag>
      <rdf:li><rdf:Description><mwg-rs:Name>Ada &amp; &#x42;</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
        <mwg-rs:Area><stArea:x>0.5</stArea:x><stArea:y>0.5</stArea:y><stArea:w>0.25</stArea:w><stArea:h>0.5</stArea:h></mwg-rs:Area>
      </rdf:Description></rdf:li>
      <rdf:li mwg-rs:Type="Pet" mwg-rs:Name="Rex"><mwg-rs:Area stArea:x="0.1" stArea:y="0.1" stArea:w="0.1" stArea:h="0.1"/></rdf:li>
    </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`;
    expect(readRegions(xmp, photo)).toEqual([{ name: 'Ada & B', box: { x: 150, y: 75, width: 100, height: 150 } }]);
  });

  describe('of a photo that has another size since', () => {
    const box = { x: 100, y: 90, width: 80, height: 60 };
    const written = (orientation: number) => writeRegions({ ...photo, orientation }, [{ name: 'Ada', box }]);

    test('are scaled with it, whose sides are rounded', () => {
      fc.assert(
        fc.property(fc.integer({ min: 8, max: 2000 }), fc.integer({ min: 1, max: 8 }), (width, orientation) => {
          const height = Math.round((width * photo.height) / photo.width);
          const [region] = readRegions(written(orientation), { width, height, orientation });
          expect(region?.name).toBe('Ada');
          expect(region?.box.x).toBeCloseTo((box.x * width) / photo.width, 2);
          expect(region?.box.height).toBeCloseTo((box.height * height) / photo.height, 2);
        }),
      );
    });

    test('are read if a border of one percent was cut off', () => {
      const cut = { width: 397, height: 300, orientation: 1 };
      expect(readRegions(written(1), cut)).toHaveLength(1);
    });

    test.each([
      ['cut', { width: 400, height: 280, orientation: 1 }, 1],
      ['cut to a square', { width: 300, height: 300, orientation: 6 }, 6],
      ['turned', { width: 300, height: 400, orientation: 1 }, 1],
      ['turned instead of shown turned', { ...photo, orientation: 1 }, 6],
    ])('are refused if it was %s', (_, present, orientation) => {
      expect(() => readRegions(written(orientation), present)).toThrow(
        expect.objectContaining({ code: 'option-invalid' }),
      );
    });

    test('are none if none are of faces', () => {
      expect(readRegions(writeRegions(photo, []), { width: 300, height: 400, orientation: 1 })).toEqual([]);
    });
  });

  describe('that state the size of the upright picture', () => {
    /** Regions are written for the upright picture by writing them for a photo without an orientation. */
    const box = { x: 80, y: 60, width: 80, height: 120 };
    const upright = writeRegions(photo, [{ name: 'Ada', box }]);

    const readBox = (xmp: string, present: typeof photo) => {
      const [region] = readRegions(xmp, present);
      return Object.values(region?.box ?? {}).map(Math.round);
    };

    test.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'are of that picture only if it is turned by a quarter: orientation %i',
      (orientation) => {
        const turned = { ...photo, orientation };
        const read = readBox(upright, turned);
        if (orientation === 1 || orientation >= 5) expect(read).toEqual(Object.values(box));
        else expect(read).not.toEqual(Object.values(box));
        expect(readBox(upright, { width: 800, height: 600, orientation })).toEqual(read.map((value) => 2 * value));
        expect(() => readRegions(upright, { width: 300, height: 300, orientation })).toThrow(
          expect.objectContaining({ code: 'option-invalid' }),
        );
      },
    );

    test.each([5, 6, 7, 8])('are of the stored picture if the photo is square: orientation %i', (orientation) => {
      const square = { width: 300, height: 300, orientation };
      const region = { x: 20, y: 40, width: 60, height: 90 };
      expect(readBox(writeRegions(square, [{ name: '', box: region }]), square)).toEqual(Object.values(region));
    });
  });

  test('are refused if the sidecar states the size of another picture as elements', () => {
    const sidecar = (width: number) => `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><mwg-rs:Regions>
      <mwg-rs:RegionList><rdf:Seq><rdf:li/><rdf:li mwg-rs:Name="Ada">
        <mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.25" stArea:h="0.5"/>
      </rdf:li></rdf:Seq></mwg-rs:RegionList>
      <mwg-rs:AppliedToDimensions><rdf:Description><stDim:w>${width}</stDim:w><stDim:h>3000</stDim:h><stDim:unit>pixel</stDim:unit></rdf:Description></mwg-rs:AppliedToDimensions>
    </mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`;
    expect(readRegions(sidecar(4000), photo)).toMatchObject([{ name: 'Ada' }]);
    expect(() => readRegions(sidecar(3000), photo)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });

  test('text that is not XMP is refused', () => {
    expect(() => readRegions('{}', photo)).toThrow(expect.objectContaining({ code: 'library-corrupt' }));
  });
});

const hasExiftool = spawnSync('exiftool', ['-ver']).status === 0;

describe.skipIf(!hasExiftool)(
  `exiftool${hasExiftool ? '' : ' (skipped: not installed; Debian: libimage-exiftool-perl)'}`,
  () => {
    /** The regions that exiftool reads of a sidecar. */
    const readByExiftool = (sidecar: string) => {
      const json = execFileSync('exiftool', ['-json', '-struct', '-XMP-mwg-rs:all', sidecar], { encoding: 'utf8' });
      return JSON.parse(json)[0].RegionInfo;
    };

    const timeout = 30_000;

    // The boxes are 20 % to 40 % from the left and 20 % to 60 % from the top of the photo as it is shown. The centres in the stored
    // picture follow from where its first row and column are shown. (Exif 2.32, Orientation)
    test.each([
      [1, 0.3, 0.4],
      [2, 0.7, 0.4],
      [3, 0.7, 0.6],
      [4, 0.3, 0.6],
      [5, 0.4, 0.3],
      [6, 0.4, 0.7],
      [7, 0.6, 0.7],
      [8, 0.6, 0.3],
    ])('reads the sidecars, and its own are read: orientation %i', { timeout }, (orientation, x, y) => {
      const turned = { ...photo, orientation };
      const [sidecar, rewritten] = ['photo', 'rewritten'].map((name) => join(folder, `${name}-${orientation}.xmp`)) as [
        string,
        string,
      ];
      const box = { x: 80, y: 60, width: 80, height: 120 };
      const names = ['Ada <Lovelace> & Co.', '에이다', 'Tab\tand\0bell\x07'];
      writeFileSync(
        sidecar,
        writeRegions(
          turned,
          names.map((name) => ({ name, box })),
        ),
      );
      const [w, h] = orientation < 5 ? [0.2, 0.4] : [0.4, 0.2];
      const [width, height] = orientation < 5 ? [400, 300] : [300, 400];
      const area = { X: x, Y: y, W: w, H: h, Unit: 'normalized' };
      const { AppliedToDimensions, RegionList } = readByExiftool(sidecar);
      expect(AppliedToDimensions).toEqual({ W: width, H: height, Unit: 'pixel' });
      const read = ['Ada <Lovelace> & Co.', '에이다', 'Tab\tandbell'];
      expect(RegionList).toEqual(read.map((Name) => ({ Name, Type: 'Face', Area: area })));

      const list = `{AppliedToDimensions={W=${width},H=${height},Unit=pixel},RegionList=[{Area={W=${w},H=${h},X=${x},Y=${y},Unit=normalized},Name=Ada,Type=Face}]}`;
      execFileSync('exiftool', ['-o', rewritten, '-TagsFromFile', sidecar, `-RegionInfo=${list}`, sidecar]);
      const [region] = readRegions(readFileSync(rewritten, 'utf8'), turned);
      expect(region?.name).toBe('Ada');
      for (const key of ['x', 'y', 'width', 'height'] as const) expect(region?.box[key]).toBeCloseTo(box[key], 6);
    });
  },
);
