/** The sections of a page about several runs. */
import type { JobRecord } from '../../sim/explore/record.ts';
import type { Summary } from '../../sim/explore/summary.ts';
import { campaignReason, campaignTitle } from '../console/campaign.ts';
import { formatCount, formatLarge, formatSeconds } from '../text.ts';
import type { Section } from './document.ts';
import type { PageParts } from './run.ts';
import { commandOf, headOf, tilesOf } from './sections/head.ts';
import { runsTable, scenarioTable, spreadTables, troubleList } from './sections/campaign-tables.ts';

export interface CampaignPage {
  readonly summary: Summary;
  /** Runs that did not pass, the gravest first. */
  readonly troubles: readonly JobRecord[];
}

export function campaignHead({ summary, troubles }: CampaignPage): string {
  const { scenarios, events, simulatedSeconds, wallSeconds } = summary;
  const passed = scenarios.reduce((sum, one) => sum + one.pass - one.missed, 0);
  const text = (count: number): string => formatCount(count);
  return (
    headOf(summary.exitCode, campaignTitle(summary), campaignReason(summary, troubles), '') +
    tilesOf([
      { name: 'runs', text: text(summary.finished), small: `of ${text(summary.planned)} planned` },
      { name: 'passed', text: text(passed) },
      { name: 'not passed', text: text(troubles.length), bad: troubles.length > 0 },
      { name: 'simulated', text: formatSeconds(simulatedSeconds) },
      {
        name: 'events',
        text: formatLarge(events),
        small: wallSeconds > 0 ? `in ${formatSeconds(wallSeconds)}` : '',
      },
    ]) +
    commandOf(summary.command)
  );
}

export function campaignSections(
  { summary, troubles }: CampaignPage,
  _parts: PageParts,
): Section[] {
  const sections: Section[] = [];
  const add = (id: string, title: string, html: string): void => {
    if (html !== '') sections.push({ id, title, html });
  };
  add('scenarios', 'Scenarios', scenarioTable(summary));
  add('troubles', 'Not passed', troubleList(troubles));
  add('figures', 'Figures', spreadTables(summary));
  add('runs', 'Runs', runsTable(summary));
  return sections;
}
