// For browsers that know no modules, and so nothing else of this page.
document.getElementById('app').textContent =
  'This browser is too old for this page. A current Chrome, Edge, Firefox or Safari can show it. / ' +
  '이 브라우저는 너무 오래되어 이 페이지를 볼 수 없습니다. 최신 Chrome, Edge, Firefox, Safari를 사용하세요.';
