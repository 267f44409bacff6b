import type { Draw } from './drawings.ts';

/** Fills an ellipse, in units of the head from its centre. */
type Ellipse = (x: number, y: number, rx: number, ry: number, lightness: number, angle?: number) => void;

/** Runs in the page: animals as a cartoon draws them. */
function drawAnimals({ context, width, height, random, colour }: Draw): void {
  const animals = [drawBear, drawCat, drawDog, drawFish];
  const side = 60 + 140 * random();
  for (let y = 0.7 * side; y < height; y += 2 * side) {
    for (let x = 0.9 * side; x < width; x += 2.2 * side) {
      const ellipse: Ellipse = (dx, dy, rx, ry, lightness, angle = 0) => {
        context.fillStyle = colour(lightness);
        context.beginPath();
        context.ellipse(x + dx * side, y + dy * side, rx * side, ry * side, angle, 0, 7);
        context.fill();
      };
      animals[Math.floor(animals.length * random())]?.(ellipse, 25 + 50 * random(), random);
    }
  }
}

/** Runs in the page: a head from the front, with round ears, eyes and a muzzle. */
function drawBear(ellipse: Ellipse, fur: number, random: () => number): void {
  const [apart, eye] = [0.2 + 0.15 * random(), 0.06 + 0.08 * random()];
  for (const sign of [-1, 1]) ellipse(sign * 0.5, -0.5, 0.2, 0.25 + 0.4 * random(), fur - 15, sign);
  ellipse(0, 0, 0.6, 0.5 + 0.2 * random(), fur);
  for (const sign of [-1, 1]) {
    ellipse(sign * apart, -0.1, eye, 1.2 * eye, 95);
    ellipse(sign * apart, -0.08, 0.6 * eye, 0.7 * eye, 5);
  }
  ellipse(0, 0.25, 0.15 + 0.2 * random(), 0.2, fur + 20);
  ellipse(0, 0.15, 0.08, 0.06, 5);
}

/** Runs in the page: a head from the front, with pointed ears, slit pupils and whiskers. */
function drawCat(ellipse: Ellipse, fur: number): void {
  for (const sign of [-1, 1]) ellipse(sign * 0.4, -0.5, 0.12, 0.35, fur - 10, sign * 0.4);
  ellipse(0, 0, 0.65, 0.5, fur);
  for (const sign of [-1, 1]) {
    ellipse(sign * 0.28, -0.05, 0.16, 0.11, 80, sign * -0.4);
    ellipse(sign * 0.28, -0.05, 0.03, 0.1, 5);
    for (const dy of [0.15, 0.2, 0.25]) ellipse(sign * 0.45, dy, 0.3, 0.008, 95, sign * (dy - 0.2));
  }
  ellipse(0, 0.15, 0.05, 0.03, 40);
}

/** Runs in the page: a head from the side, with a snout and a hanging ear. */
function drawDog(ellipse: Ellipse, fur: number, random: () => number): void {
  const sign = random() < 0.5 ? -1 : 1;
  ellipse(0, 0, 0.45, 0.4, fur);
  ellipse(sign * 0.45, 0.12, 0.35, 0.18, fur + 8);
  ellipse(sign * 0.78, 0.04, 0.08, 0.07, 5);
  ellipse(sign * 0.18, -0.12, 0.06, 0.07, 5);
  ellipse(sign * -0.3, 0.1, 0.14, 0.38, fur - 15, sign * 0.2);
}

/** Runs in the page: a fish from the side. */
function drawFish(ellipse: Ellipse, scales: number, random: () => number): void {
  const sign = random() < 0.5 ? -1 : 1;
  for (const end of [-1, 1]) ellipse(sign * -0.7, end * 0.15, 0.25, 0.1, scales - 10, sign * end * -0.6);
  ellipse(0, 0, 0.6, 0.3, scales);
  ellipse(sign * 0.35, -0.08, 0.08, 0.08, 95);
  ellipse(sign * 0.36, -0.08, 0.04, 0.04, 5);
  for (let x = -0.3; x < 0.2; x += 0.15) ellipse(sign * x, 0, 0.02, 0.2, scales + 15);
}

/** The functions above, for definePageFunctions. */
export const animals = { drawAnimals, drawBear, drawCat, drawDog, drawFish };
