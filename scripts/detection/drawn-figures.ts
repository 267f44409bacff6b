import type { Draw } from './drawings.ts';

/** Runs in the page: lines of letters in several fonts and sizes. */
function drawLettering({ context, width, height, random, colour }: Draw): void {
  const fonts = ['serif', 'sans-serif', 'monospace', 'cursive', 'fantasy'];
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&%@8oO:)';
  for (let y = 0; y < height; ) {
    const size = 12 + 120 * random() ** 2;
    y += 1.1 * size;
    context.font = `${random() < 0.5 ? 'bold ' : ''}${size}px ${fonts[Math.floor(fonts.length * random())]}`;
    context.fillStyle = colour(random() < 0.5 ? 10 : 45);
    const text = Array.from({ length: 60 }, () =>
      random() < 0.15 ? ' ' : letters[Math.floor(letters.length * random())],
    );
    context.fillText(text.join(''), -size * random(), y, 4 * width);
  }
}

/** Runs in the page: shapes, one in another, with a letter or a bar. */
function drawLogos({ context, width, height, random, colour }: Draw): void {
  const side = 80 + 160 * random();
  for (let y = side / 2; y < height; y += 1.3 * side) {
    for (let x = side / 2; x < width; x += 1.3 * side) {
      for (const share of [1, 0.75, 0.5]) {
        const corners = 3 + Math.floor(6 * random());
        context.fillStyle = colour(20 + 70 * random());
        context.beginPath();
        for (let i = 0; i < corners; i++) {
          const angle = (i * 2 * Math.PI) / corners + share;
          context.lineTo(x + (share * side * Math.cos(angle)) / 2, y + (share * side * Math.sin(angle)) / 2);
        }
        if (random() < 0.5) context.arc(x, y, (share * side) / 2, 0, 7);
        context.fill();
      }
      context.fillStyle = colour(95);
      context.font = `bold ${0.4 * side}px sans-serif`;
      context.fillText('AQ8&OWX'[Math.floor(7 * random())] as string, x - 0.15 * side, y + 0.14 * side);
    }
  }
}

/** Runs in the page: an ornament of petals, mirrored left and right. */
function drawOrnament({ context, width, height, random, colour }: Draw): void {
  for (let i = 0; i < 40; i++) {
    const [x, y] = [(width / 2) * random(), height * random()];
    const [long, short, angle] = [15 + 70 * random(), 5 + 25 * random(), Math.PI * random()];
    context.fillStyle = colour(15 + 70 * random());
    for (const sign of [-1, 1]) {
      context.beginPath();
      context.ellipse(width / 2 + sign * x, y, long, short, sign * angle, 0, 7);
      context.fill();
    }
  }
}

/** Runs in the page: the heads of animals as a cartoon draws them, with ears, eyes, a muzzle and a nose. */
function drawAnimals({ context, width, height, random, colour }: Draw): void {
  const ellipse = (x: number, y: number, rx: number, ry: number, lightness: number, angle = 0) => {
    context.fillStyle = colour(lightness);
    context.beginPath();
    context.ellipse(x, y, rx, ry, angle, 0, 7);
    context.fill();
  };
  const side = 60 + 140 * random();
  for (let y = 0.7 * side; y < height; y += 2 * side) {
    for (let x = 0.9 * side; x < width; x += 2.2 * side) {
      const [fur, ear] = [25 + 50 * random(), 0.25 + 0.4 * random()];
      for (const sign of [-1, 1])
        ellipse(x + sign * 0.5 * side, y - 0.5 * side, 0.2 * side, ear * side, fur - 15, sign);
      ellipse(x, y, 0.6 * side, (0.5 + 0.2 * random()) * side, fur);
      const [apart, eye] = [0.2 + 0.15 * random(), 0.06 + 0.08 * random()];
      for (const sign of [-1, 1]) {
        ellipse(x + sign * apart * side, y - 0.1 * side, eye * side, 1.2 * eye * side, 95);
        ellipse(x + sign * apart * side, y - 0.08 * side, 0.6 * eye * side, 0.7 * eye * side, 5);
      }
      ellipse(x, y + 0.25 * side, (0.15 + 0.2 * random()) * side, 0.2 * side, fur + 20);
      ellipse(x, y + 0.15 * side, 0.08 * side, 0.06 * side, 5);
      context.strokeStyle = colour(5);
      context.lineWidth = side / 40;
      context.beginPath();
      context.arc(x - 0.08 * side, y + 0.24 * side, 0.08 * side, 0, Math.PI);
      context.arc(x + 0.08 * side, y + 0.24 * side, 0.08 * side, Math.PI, 0, true);
      context.stroke();
    }
  }
}

/** The functions above, for definePageFunctions. */
export const figures = { drawLettering, drawLogos, drawOrnament, drawAnimals };
