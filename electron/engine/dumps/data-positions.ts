// An archive that was written to a pipe does not say where each table's data stands, so every worker of a parallel
// pg_restore reads through all of it, row by row where it is not compressed. Who copies such an archive to a file
// anyway can write the positions into it, as pg_dump does itself when it can seek (pg_backup_custom.c, _CloseArchive).
import type { FileHandle } from 'node:fs/promises';
import type { Toc } from './toc.ts';

const positionSet = 2; // K_OFFSET_POS_SET

/** Writes the positions into the table of contents of an archive file, in place. `starts`: by dump id. */
export async function writeDataPositions(file: FileHandle, toc: Toc, starts: ReadonlyMap<number, number>): Promise<void> {
  for (const { dumpId, data } of toc.entries) {
    const start = starts.get(dumpId);
    if (data.state !== 'noPosition' || start === undefined) continue;
    const field = Buffer.alloc(1 + toc.offSize);
    field[0] = positionSet;
    let rest = start;
    for (let at = 1; at <= toc.offSize; at += 1) {
      field[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    await file.write(field, 0, field.length, data.field);
  }
}
