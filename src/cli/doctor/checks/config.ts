import { type Examine, failed, ok, warning } from '../finding.ts';

/** As `yunque config check` judges it. */
export const examineConfig: Examine = ({ configuration: { problems, warnings, files } }) => {
  const found = [
    ...problems.map((text) => failed(text, 'correct it, then: yunque config check')),
    ...warnings.map((text) => warning(text, 'yunque config show --sources says where each value comes from')),
  ];
  if (found.length > 0) return found;
  return [ok(files.length === 0 ? 'no configuration file: the defaults are in force' : files.join(' + '))];
};
