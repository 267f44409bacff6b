import { adam, type OptimiserStep } from './adam.ts';
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
  /** Takes one step, given the gradient with respect to the head's parameters. */
  step: OptimiserStep;
}

/** The learner of a plan's loss. The large-margin cosine loss also trains a direction for each person. */
export function createLearner(
  { loss, margin, mining, learningRate }: TrainingPlan,
  projection: Projection,
  trainingSet: LabelledFaces,
  random: () => number,
): Learner {
  const step = adam(projection.numbers, learningRate);
  if (loss === 'triplet') return { compute: tripletObjective({ mining, margin }, random), step };
  if (loss === 'contrastive') return { compute: contrastiveObjective(margin), step };
  const { units } = project(projection, trainingSet.vectors);
  const { compute, directions } = cosineObjective(units, trainingSet.labels, margin);
  const directionSteps = directions.map(({ vector }) => adam(vector, learningRate));
  return {
    compute,
    step(gradient) {
      step(gradient);
      directions.forEach((direction, i) => {
        directionSteps[i]?.(direction.gradient);
      });
    },
  };
}
