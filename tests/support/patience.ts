/**
 * How long tests wait for what must come, in milliseconds: enough for a machine that is ten times slower than usual.
 * A test that hangs costs this much once; one that fails because the machine was busy costs everybody's trust.
 */
export const patience = 300_000;
