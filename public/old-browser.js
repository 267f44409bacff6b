// Runs only in browsers that do not support modules, and therefore cannot run the rest of the page.
document.getElementById('app').textContent =
  'This browser is too old for this page. Use a current version of Chrome, Edge, Firefox or Safari. / ' +
  '브라우저가 너무 오래되어 이 페이지를 표시할 수 없습니다. 최신 Chrome, Edge, Firefox 또는 Safari를 사용하세요.';
