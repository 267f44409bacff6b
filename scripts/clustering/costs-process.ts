import { answerApart } from '../kit/apart.ts';
import { type CostOptions, measureClustering } from './costs.ts';

await answerApart<CostOptions>(measureClustering);
