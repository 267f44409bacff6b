import { invalid } from './encodings.ts';
