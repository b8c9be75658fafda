import { describeServer } from './matrix.ts';

describeServer(18);
