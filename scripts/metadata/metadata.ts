/** The fields of package.json that name the repository. */
export interface RepositoryFields {
  author: string;
  repository: { type: string; url: string };
  homepage: string;
  bugs: { url: string };
}

/** The fields for a repository on GitHub. @param slug its owner and name, "OWNER/facenet-web". */
export function repositoryFields(slug: string): RepositoryFields {
  const url = `https://github.com/${slug}`;
  return {
    author: slug.split('/')[0] as string,
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
  };
}

/** Whether the fields name a repository: package.json has the placeholder OWNER before. */
export function namesRepository({ author, repository, homepage, bugs }: RepositoryFields): boolean {
  return author !== 'OWNER' && ![repository.url, homepage, bugs.url].some((url) => url.includes('/OWNER/'));
}

/**
 * Makes the relative links and pictures of a Markdown text absolute. npm shows README.md without the files that it links to.
 *
 * @param slug the repository's owner and name.
 * @param ref the tag or branch that the links refer to.
 */
export function withAbsoluteLinks(markdown: string, slug: string, ref: string): string {
  return markdown.replace(
    /(!?)(\[[^\]]*\])\((?!https?:|#)([^)\s]+)\)/g,
    (_, picture: string, text: string, path: string) => {
      const kind = picture ? 'raw' : 'blob';
      return `${picture}${text}(https://github.com/${slug}/${kind}/${ref}/${path})`;
    },
  );
}
