// How long tests wait at the most, in milliseconds: far more than anything takes on a machine that is busy with much else.
// A test that hangs costs this much once; one that fails because the machine was slow costs everybody's trust.

/** For one condition. */
export const patience = 120_000;

/** For a whole test or hook: longer, so that the condition that never came is what is told. */
export const testPatience = 300_000;
