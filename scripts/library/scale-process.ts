import { answerApart } from '../kit/apart.ts';
import { measureScale, type ScaleOptions } from './scale.ts';

await answerApart<ScaleOptions>(measureScale);
