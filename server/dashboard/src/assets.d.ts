// A file of the page, by its address.
declare module '*?url' {
  const address: string;
  export default address;
}
