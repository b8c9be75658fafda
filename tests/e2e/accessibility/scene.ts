import type { Page } from 'playwright';
import type { UsedHome } from './used-home.ts';

/** One look of the program: where it is, and how to get from there to what is to be seen. */
export type Scene = { name: string; place: (used: UsedHome) => string; show: (page: Page) => Promise<unknown> };
