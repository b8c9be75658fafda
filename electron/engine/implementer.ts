import { implement } from '@orpc/server';
import { contract } from '../../shared/contract/index.ts';
import { errorMiddleware } from '../transport/errors.ts';

/** Who asks. */
export type Caller = { caller: 'window' | 'page' | 'rest' | 'command-line' };

/** The contract, ready to be implemented; input and output are validated for every caller alike,
 * and every failure leaves as a report. */
export const implementer = implement(contract).$context<Caller>().use(errorMiddleware);
export type Implementer = typeof implementer;
