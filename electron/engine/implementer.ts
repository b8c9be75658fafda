import { implement } from '@orpc/server';
import { contract } from '../../shared/contract/index.ts';

/** Who asks. */
export type Caller = { caller: 'window' | 'page' | 'rest' | 'command-line' };

/** The contract, ready to be implemented; input and output are validated for every caller alike. */
export const implementer = implement(contract).$context<Caller>();
export type Implementer = typeof implementer;
