import type { Draw } from './drawings.ts';

/** Runs in the page: patches of random colours at several scales, as of foliage, rock or cloth. */
function drawNoise({ context, width, height, random, colour }: Draw): void {
  for (let side = 128; side >= 4; side /= 2) {
    context.globalAlpha = 0.5;
    for (let y = 0; y < height; y += side) {
      for (let x = 0; x < width; x += side) {
        context.fillStyle = colour(20 + 60 * random());
        if (random() < 0.6) context.fillRect(x, y, side, side);
      }
    }
  }
  context.globalAlpha = 1;
}

/** Runs in the page: a brick wall. */
function drawBricks({ context, width, height, random, colour }: Draw): void {
  const side = 16 + 40 * random();
  for (let row = 0; row * side < height; row++) {
    for (let x = row % 2 ? -side : 0; x < width; x += 2 * side) {
      context.fillStyle = colour(35 + 15 * random());
      context.fillRect(x + 2, row * side + 2, 2 * side - 4, side - 4);
    }
  }
}

/** Runs in the page: stones or coins with a highlight. */
function drawPebbles({ context, width, height, random, colour }: Draw): void {
  const usual = 10 + 40 * random();
  for (let i = 0; i < 400; i++) {
    const [x, y, radius] = [width * random(), height * random(), usual * (0.5 + random())];
    const shade = context.createRadialGradient(x - radius / 3, y - radius / 3, 1, x, y, radius);
    shade.addColorStop(0, colour(80));
    shade.addColorStop(1, colour(20));
    context.fillStyle = shade;
    context.beginPath();
    context.ellipse(x, y, radius, radius * (0.6 + 0.4 * random()), 3 * random(), 0, 7);
    context.fill();
  }
}

/** Runs in the page: blades of grass or fur. */
function drawBlades({ context, width, height, random, colour }: Draw): void {
  for (let i = 0; i < 3000; i++) {
    const [x, y] = [width * random(), height * random()];
    context.strokeStyle = colour(20 + 60 * random());
    context.lineWidth = 1 + 2 * random();
    context.beginPath();
    context.moveTo(x, y);
    context.quadraticCurveTo(x + 10 * random(), y - 20, x + 40 * (random() - 0.5), y - 20 - 40 * random());
    context.stroke();
  }
}

/** Runs in the page: rings about a centre, as of wood, a target or a retina. */
function drawRings({ context, width, height, random, colour }: Draw): void {
  const [x, y] = [width * (0.3 + 0.4 * random()), height * (0.3 + 0.4 * random())];
  const [step, squeeze] = [6 + 30 * random(), 0.5 + 0.5 * random()];
  for (let radius = Math.max(width, height); radius > 0; radius -= step * (0.5 + random())) {
    context.fillStyle = colour(20 + 60 * random());
    context.beginPath();
    context.ellipse(x, y, radius, radius * squeeze, 0, 0, 7);
    context.fill();
  }
}

/** Runs in the page: bands with waves, as of dunes, water or folds. */
function drawWaves({ context, width, height, random, colour }: Draw): void {
  const [length, depth] = [40 + 200 * random(), 5 + 40 * random()];
  for (let y = -50; y < height + 50; y += 10 + 20 * random()) {
    context.strokeStyle = colour(20 + 60 * random());
    context.lineWidth = 8 + 10 * random();
    context.beginPath();
    for (let x = 0; x <= width; x += 5) context.lineTo(x, y + depth * Math.sin(x / length + y / 60));
    context.stroke();
  }
}

/** Runs in the page: houses with rows of windows and a door. */
function drawHouses({ context, width, height, random, colour }: Draw): void {
  for (let x = 0; x < width; ) {
    const [wide, high] = [80 + 160 * random(), height * (0.3 + 0.6 * random())];
    context.fillStyle = colour(60);
    context.fillRect(x, height - high, wide, high);
    context.fillStyle = colour(15);
    const pane = wide / (5 + 4 * random());
    for (let row = height - high + pane; row < height - 3 * pane; row += 2 * pane) {
      for (let column = x + pane; column < x + wide - pane; column += 2 * pane) {
        context.fillRect(column, row, pane, 1.2 * pane);
      }
    }
    context.fillRect(x + wide / 2 - pane / 2, height - 2 * pane, pane, 2 * pane);
    x += wide + 10;
  }
}

/** Runs in the page: a plate, a clock, a socket or a car's front: round things in a symmetric arrangement. */
function drawThings({ context, width, height, random, colour }: Draw): void {
  const disc = (x: number, y: number, radius: number, lightness: number) => {
    context.fillStyle = colour(lightness);
    context.beginPath();
    context.ellipse(x, y, radius, radius, 0, 0, 7);
    context.fill();
  };
  for (let i = 0; i < 5; i++) {
    const [x, y, side] = [width * random(), height * random(), 60 + 140 * random()];
    context.fillStyle = colour(50);
    context.fillRect(x - side, y - side / 2, 2 * side, side);
    for (const sign of [-1, 1]) {
      disc(x + sign * 0.7 * side, y, side / 4, 85);
      disc(x + sign * 0.7 * side, y, side / 7, 25);
    }
    context.fillStyle = colour(10);
    for (let line = 0; line < 5; line++)
      context.fillRect(x - side / 3, y - side / 4 + (line * side) / 9, side / 1.5, 4);
  }
}

/** The functions above, for definePageFunctions. */
export const patterns = {
  drawNoise,
  drawBricks,
  drawPebbles,
  drawBlades,
  drawRings,
  drawWaves,
  drawHouses,
  drawThings,
};
