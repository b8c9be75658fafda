import {
  IconActivity,
  IconArrowBackUp,
  IconBell,
  IconCalendar,
  IconDatabaseExport,
  IconPlug,
  IconRecycle,
  IconSettings,
} from '@tabler/icons-react';
import { go, pages, pageTitles, useNavigation, type Page } from '../navigation.ts';
import { isEnded, useJobList } from '../jobs/store.ts';
import styles from './app.module.css';
import { Mark } from './Mark.tsx';
import { StatusLine } from './StatusLine.tsx';

const icons: Record<Page, typeof IconPlug> = {
  backups: IconDatabaseExport,
  restore: IconArrowBackUp,
  schedules: IconCalendar,
  retention: IconRecycle,
  messages: IconBell,
  profiles: IconPlug,
  activity: IconActivity,
  settings: IconSettings,
};

export function NavigationRail() {
  const { page } = useNavigation();
  const active = useJobList().filter((job) => !isEnded(job)).length;
  return (
    <div className={styles['rail']}>
      <nav aria-label="Pages" className={styles['pages']}>
        <div className={styles['brand']}>
          <Mark />
          <span>Howdah</span>
        </div>
        {pages.map((one, index) => {
          const Icon = icons[one];
          return (
            <button
              key={one}
              type="button"
              className={styles['page']}
              aria-current={page === one ? 'page' : undefined}
              aria-keyshortcuts={`Control+${index + 1}`}
              title={`Ctrl+${index + 1}`}
              onClick={() => go(one)}
            >
              <Icon size={18} aria-hidden />
              <span>{pageTitles[one]}</span>
              {one === 'activity' && active > 0 && (
                <span className={styles['badge']} aria-label={`${active} active`}>
                  {active}
                </span>
              )}
            </button>
          );
        })}
      </nav>
      <StatusLine />
    </div>
  );
}
