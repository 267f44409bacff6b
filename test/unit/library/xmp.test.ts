import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readRegions, writeRegions } from '../../../lib/library/exchange/xmp.ts';

const photo = { width: 400, height: 300, orientation: 1 };
const folder = mkdtempSync(join(tmpdir(), 'facenet-xmp-'));
afterAll(() => rmSync(folder, { recursive: true }));

const name = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => text.trim() === text && !/\p{C}/u.test(text));

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
        const read = readRegions(writeRegions(turned, regions), turned);
        expect(read.map(({ name }) => name)).toEqual(regions.map(({ name }) => name));
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

  test('text that is not XMP is refused', () => {
    expect(() => readRegions('{}', photo)).toThrow(expect.objectContaining({ code: 'library-corrupt' }));
  });
});

const hasExiftool = spawnSync('exiftool', ['-ver']).status === 0;

describe.skipIf(!hasExiftool)(
  `exiftool${hasExiftool ? '' : ' (skipped: not installed; Debian: libimage-exiftool-perl)'}`,
  () => {
    test('reads the sidecars, and its own are read', () => {
      const sidecar = join(folder, 'photo.xmp');
      const regions = [
        { name: 'Ada Lovelace', box: { x: 100, y: 60, width: 80, height: 120 } },
        { name: '에이다', box: { x: 220, y: 30, width: 40, height: 60 } },
      ];
      writeFileSync(sidecar, writeRegions(photo, regions));
      const [read] = JSON.parse(
        execFileSync('exiftool', ['-json', '-struct', '-XMP-mwg-rs:all', sidecar], { encoding: 'utf8' }),
      );
      expect(read.RegionInfo.AppliedToDimensions).toEqual({ W: 400, H: 300, Unit: 'pixel' });
      expect(read.RegionInfo.RegionList).toEqual([
        { Name: 'Ada Lovelace', Type: 'Face', Area: { X: 0.35, Y: 0.4, W: 0.2, H: 0.4, Unit: 'normalized' } },
        { Name: '에이다', Type: 'Face', Area: { X: 0.6, Y: 0.2, W: 0.1, H: 0.2, Unit: 'normalized' } },
      ]);

      const rewritten = join(folder, 'rewritten.xmp');
      const list =
        '{AppliedToDimensions={W=400,H=300,Unit=pixel},RegionList=[{Area={W=0.2,H=0.4,X=0.35,Y=0.4,Unit=normalized},Name=Ada,Type=Face}]}';
      execFileSync('exiftool', ['-o', rewritten, '-TagsFromFile', sidecar, `-RegionInfo=${list}`, sidecar]);
      const xmp = execFileSync('cat', [rewritten], { encoding: 'utf8' });
      const [region] = readRegions(xmp, photo);
      expect(region?.name).toBe('Ada');
      for (const [key, value] of Object.entries({ x: 100, y: 60, width: 80, height: 120 })) {
        expect(region?.box[key as keyof typeof region.box]).toBeCloseTo(value, 6);
      }
    });
  },
);
