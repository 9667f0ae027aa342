// Generated from the .proto files beside it by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace yunque. */
export namespace yunque {

    /** Namespace rpc. */
    namespace rpc {

        /**
         * Properties of a Frame.
         * @deprecated Use yunque.rpc.Frame.$Properties instead.
         */
        interface IFrame extends yunque.rpc.Frame.$Properties {
        }

        /** Represents a Frame. */
        class Frame {

            /**
             * Constructs a new Frame.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.rpc.Frame.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Frame hello. */
            hello?: (yunque.rpc.Hello.$Properties|null);

            /** Frame proof. */
            proof: Uint8Array;

            /** Frame items. */
            items: yunque.rpc.Item.$Properties[];

            /**
             * Encodes the specified Frame message. Does not implicitly {@link yunque.rpc.Frame.verify|verify} messages.
             * @param message Frame message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.rpc.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Frame message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.rpc.Frame & yunque.rpc.Frame.$Shape} Frame
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.rpc.Frame & yunque.rpc.Frame.$Shape;
        }

        namespace Frame {

            /** Properties of a Frame. */
            interface $Properties {

                /** Frame hello */
                hello?: (yunque.rpc.Hello.$Properties|null);

                /** Frame proof */
                proof?: (Uint8Array|null);

                /** Frame items */
                items?: (yunque.rpc.Item.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Frame. */
            type $Shape = yunque.rpc.Frame.$Properties;
        }

        /**
         * Properties of a Hello.
         * @deprecated Use yunque.rpc.Hello.$Properties instead.
         */
        interface IHello extends yunque.rpc.Hello.$Properties {
        }

        /** Represents a Hello. */
        class Hello {

            /**
             * Constructs a new Hello.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.rpc.Hello.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Hello version. */
            version: number;

            /** Hello node. */
            node: string;

            /** Hello incarnation. */
            incarnation: number;

            /** Hello nonce. */
            nonce: Uint8Array;

            /** Hello highest. */
            highest: number;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link yunque.rpc.Hello.verify|verify} messages.
             * @param message Hello message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.rpc.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.rpc.Hello & yunque.rpc.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.rpc.Hello & yunque.rpc.Hello.$Shape;
        }

        namespace Hello {

            /** Properties of a Hello. */
            interface $Properties {

                /** Hello version */
                version?: (number|null);

                /** Hello node */
                node?: (string|null);

                /** Hello incarnation */
                incarnation?: (number|null);

                /** Hello nonce */
                nonce?: (Uint8Array|null);

                /** Hello highest */
                highest?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Hello. */
            type $Shape = yunque.rpc.Hello.$Properties;
        }

        /**
         * Properties of an Item.
         * @deprecated Use yunque.rpc.Item.$Properties instead.
         */
        interface IItem extends yunque.rpc.Item.$Properties {
        }

        /** Represents an Item. */
        class Item {

            /**
             * Constructs a new Item.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.rpc.Item.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Item kind. */
            kind: number;

            /** Item id. */
            id: number;

            /** Item more. */
            more: boolean;

            /** Item payload. */
            payload: Uint8Array;

            /**
             * Encodes the specified Item message. Does not implicitly {@link yunque.rpc.Item.verify|verify} messages.
             * @param message Item message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.rpc.Item.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Item message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.rpc.Item & yunque.rpc.Item.$Shape} Item
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.rpc.Item & yunque.rpc.Item.$Shape;
        }

        namespace Item {

            /** Properties of an Item. */
            interface $Properties {

                /** Item kind */
                kind?: (number|null);

                /** Item id */
                id?: (number|null);

                /** Item more */
                more?: (boolean|null);

                /** Item payload */
                payload?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Item. */
            type $Shape = yunque.rpc.Item.$Properties;
        }
    }
}
