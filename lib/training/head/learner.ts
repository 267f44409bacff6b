import { Adam } from './adam.ts';
import { contrastiveObjective } from './contrastive-objective.ts';
import { cosineObjective } from './cosine-objective.ts';
import type { LabelledFaces } from './labelled-faces.ts';
import type { ComputeObjective } from './objective.ts';
import { type Projection, project } from './projection.ts';
import type { TrainingPlan } from './training-plan.ts';
import { tripletObjective } from './triplet-objective.ts';

/** A loss with the optimiser of everything that it trains. */
export interface Learner {
  compute: ComputeObjective;
  /** Takes one step. @param gradient with respect to the head's parameters. */
  step(gradient: Float64Array): void;
}

/** The learner of a plan's loss. The large-margin cosine loss also trains a direction for each person. */
export function createLearner(
  { loss, margin, mining, learningRate }: TrainingPlan,
  projection: Projection,
  trainingSet: LabelledFaces,
  random: () => number,
): Learner {
  const adam = new Adam(projection.numbers, learningRate);
  const step = (gradient: Float64Array) => adam.step(gradient);
  if (loss === 'triplet') return { compute: tripletObjective({ mining, margin }, random), step };
  if (loss === 'contrastive') return { compute: contrastiveObjective(margin), step };
  const { units } = project(projection, trainingSet.vectors);
  const { compute, directions } = cosineObjective(units, trainingSet.labels, margin);
  const optimisers = directions.map(({ vector, gradient }) => ({ adam: new Adam(vector, learningRate), gradient }));
  return {
    compute,
    step(gradient) {
      adam.step(gradient);
      for (const optimiser of optimisers) optimiser.adam.step(optimiser.gradient);
    },
  };
}
