import { describeServer } from './matrix.ts';

describeServer(16);
