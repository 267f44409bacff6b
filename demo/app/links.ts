import { repository } from '../../package.json';

/** Whether package.json names a repository: it has a placeholder until `npm run metadata` sets it. Links to it are hidden before. */
export const hasRepository = !repository.url.includes('/OWNER/');

/** The address of the repository. */
export const repositoryUrl = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

/** The address of the package. */
export const packageUrl = 'https://www.npmjs.com/package/facenet-web';

/** The address of a file or folder of the repository. */
export function sourceUrl(path: string): string {
  return `${repositoryUrl}/tree/main/${path}`;
}
