import { describeServer } from './matrix.ts';

describeServer(14);
