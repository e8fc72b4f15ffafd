// Orders, and how much of each was delivered.

import type { JSX } from 'preact';
import * as api from '../api';
import { count } from '../format';
import { useLoad } from '../load';
import { Awaited, Heading, Table } from '../parts/basics';
import { link } from '../router';

export function OrdersView(): JSX.Element {
  const orders = useLoad((signal) => api.orders({}, signal), []);
  return (
    <>
      <Heading>Orders</Heading>
      <Awaited of={orders}>
        {(page) => (
          <Table caption={page.next_page_token ? 'The first ones; there are more: chiploc order list' : 'All of them'} rows={page.orders} empty="There are no orders."
            columns={[
              { name: 'Order', cell: (one) => <a href={link('order', one.order)}>{one.order}</a> },
              { name: 'Licence', cell: (one) => one.licence },
              { name: 'Buyer', cell: (one) => one.buyer },
              { name: 'End user', cell: (one) => one.end_user },
              { name: 'Ordered', number: true, cell: (one) => count(one.quantity) },
              { name: 'Delivered', number: true, cell: (one) => count(one.delivered) },
              { name: 'Chips', number: true, cell: (one) => count(one.chips) },
              { name: 'Placed', cell: (one) => one.placed },
            ]} />
        )}
      </Awaited>
    </>
  );
}
