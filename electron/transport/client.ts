// The contract as a client, under a name: its type is too large to be written out.
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract/index.ts';

export interface Client extends ContractRouterClient<Contract> {}
