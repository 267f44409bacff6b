/**
 * The entry of the module worker that runs the networks on the kernels. It imports no other engine: bundlers that make one
 * file of a worker would make it part of that file.
 */

import { servePipeline } from './serve-pipeline.ts';

servePipeline();
