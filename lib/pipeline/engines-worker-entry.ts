/** The entry of the module worker for networks and backends that need TensorFlow.js or MediaPipe. */

import { engines } from './engines.ts';
import { servePipeline } from './serve-pipeline.ts';

servePipeline(engines);
