import { create } from 'zustand';
import type { ScheduleFields } from '../../../shared/contract/schedules.ts';

/** What the editor works on: a schedule that is there, or a new one that starts with some fields filled in. */
export type Edited = { scheduleId: string } | { draft: Partial<ScheduleFields> };

type EditorState = {
  edited: Edited | null;
  /** Grows with each opening, so that a second one starts afresh. */
  opened: number;
};

export const useScheduleEditor = create<EditorState>(() => ({ edited: null, opened: 0 }));

export function openScheduleEditor(edited: Edited): void {
  useScheduleEditor.setState((state) => ({ edited, opened: state.opened + 1 }));
}

export function closeScheduleEditor(): void {
  useScheduleEditor.setState({ edited: null });
}
